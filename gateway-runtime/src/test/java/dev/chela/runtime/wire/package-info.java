/// What clients see, over real sockets.
@NullMarked
package dev.chela.runtime.wire;

import org.jspecify.annotations.NullMarked;
