/// An agent engine that says what it heard, word by word.
@NullMarked
package dev.chela.plugin.echo;

import org.jspecify.annotations.NullMarked;
