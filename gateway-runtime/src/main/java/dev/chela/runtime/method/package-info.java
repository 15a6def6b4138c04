/// The methods every gateway has, one class per name space.
@NullMarked
package dev.chela.runtime.method;

import org.jspecify.annotations.NullMarked;
