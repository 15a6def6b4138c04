/// The chain behind the port.
@NullMarked
package dev.chela.runtime.http;

import org.jspecify.annotations.NullMarked;
