/// Parts that start in order and stop by phase.
@NullMarked
package dev.chela.runtime.lifecycle;

import org.jspecify.annotations.NullMarked;
