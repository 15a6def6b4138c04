/// Jars become generations.
@NullMarked
package dev.chela.runtime.plugin;

import org.jspecify.annotations.NullMarked;
