/// What must survive a crash.
@NullMarked
package dev.chela.runtime.store;

import org.jspecify.annotations.NullMarked;
