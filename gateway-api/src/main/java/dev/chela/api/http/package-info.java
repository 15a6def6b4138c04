/// Routes on the gateway's own port.
@NullMarked
package dev.chela.api.http;

import org.jspecify.annotations.NullMarked;
