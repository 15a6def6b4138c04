/// Moments a plugin may watch or change.
@NullMarked
package dev.chela.api.hook;

import org.jspecify.annotations.NullMarked;
