/// What several tests need.
@NullMarked
package dev.chela.runtime.testing;

import org.jspecify.annotations.NullMarked;
