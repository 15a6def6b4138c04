/// The other end of the wire.
@NullMarked
package dev.chela.runtime.client;

import org.jspecify.annotations.NullMarked;
