/// Calling plugins at their moments.
@NullMarked
package dev.chela.runtime.hook;

import org.jspecify.annotations.NullMarked;
