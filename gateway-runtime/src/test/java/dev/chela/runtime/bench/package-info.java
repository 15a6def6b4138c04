/// Load against real servers.
@NullMarked
package dev.chela.runtime.bench;

import org.jspecify.annotations.NullMarked;
