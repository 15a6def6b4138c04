/// The gateway, wired once.
@NullMarked
package dev.chela.runtime;

import org.jspecify.annotations.NullMarked;
