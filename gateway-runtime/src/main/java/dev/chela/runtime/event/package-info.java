/// News, guarded, numbered, delivered and resumable.
@NullMarked
package dev.chela.runtime.event;

import org.jspecify.annotations.NullMarked;
