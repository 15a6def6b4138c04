/// Devices that were let in.
@NullMarked
package dev.chela.runtime.pairing;

import org.jspecify.annotations.NullMarked;
