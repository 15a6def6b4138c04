/// Wakes the main agent and tells what came of it.
@NullMarked
package dev.chela.plugin.heartbeat;

import org.jspecify.annotations.NullMarked;
