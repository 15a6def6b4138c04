/// Who is calling.
@NullMarked
package dev.chela.runtime.auth;

import org.jspecify.annotations.NullMarked;
