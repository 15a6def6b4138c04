/// Messages in and out of channels, none lost.
@NullMarked
package dev.chela.runtime.delivery;

import org.jspecify.annotations.NullMarked;
