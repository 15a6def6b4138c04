/// Who may call what.
@NullMarked
package dev.chela.runtime.access;

import org.jspecify.annotations.NullMarked;
