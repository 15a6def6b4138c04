/// Frames, limits, the two dialects, hello.
@NullMarked
package dev.chela.runtime.protocol;

import org.jspecify.annotations.NullMarked;
