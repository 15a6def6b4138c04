/// Running the channels that plugins bring.
@NullMarked
package dev.chela.runtime.channel;

import org.jspecify.annotations.NullMarked;
