/// RFC 6455: bytes to messages and back.
@NullMarked
package dev.chela.runtime.websocket;

import org.jspecify.annotations.NullMarked;
