/// Load on a gateway, and what it costs there.
@NullMarked
package dev.chela.runtime.bench;

import org.jspecify.annotations.NullMarked;
