/// The rules of the house, as tests.
@NullMarked
package dev.chela.runtime.architecture;

import org.jspecify.annotations.NullMarked;
