/// Messaging services people write in.
@NullMarked
package dev.chela.api.channel;

import org.jspecify.annotations.NullMarked;
