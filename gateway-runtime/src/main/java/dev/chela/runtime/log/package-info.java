/// What happened, as JSON lines.
@NullMarked
package dev.chela.runtime.log;

import org.jspecify.annotations.NullMarked;
