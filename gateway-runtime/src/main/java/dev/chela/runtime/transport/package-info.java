/// Sockets and upgrades.
@NullMarked
package dev.chela.runtime.transport;

import org.jspecify.annotations.NullMarked;
