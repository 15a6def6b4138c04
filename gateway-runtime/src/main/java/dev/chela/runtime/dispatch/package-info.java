/// From a request to its handler and back.
@NullMarked
package dev.chela.runtime.dispatch;

import org.jspecify.annotations.NullMarked;
