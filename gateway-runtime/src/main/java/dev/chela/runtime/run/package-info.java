/// Agent runs: queued, answered, aborted, recovered.
@NullMarked
package dev.chela.runtime.run;

import org.jspecify.annotations.NullMarked;
