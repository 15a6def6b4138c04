/// The command line.
@NullMarked
package dev.chela.runtime.cli;

import org.jspecify.annotations.NullMarked;
