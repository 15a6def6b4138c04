/// One client on the line, from hello to goodbye.
@NullMarked
package dev.chela.runtime.connection;

import org.jspecify.annotations.NullMarked;
