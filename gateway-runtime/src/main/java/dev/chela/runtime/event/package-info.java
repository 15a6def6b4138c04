/// News, guarded, numbered and delivered.
@NullMarked
package dev.chela.runtime.event;

import org.jspecify.annotations.NullMarked;
