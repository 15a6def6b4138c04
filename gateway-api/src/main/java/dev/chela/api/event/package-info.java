/// News sent to clients.
@NullMarked
package dev.chela.api.event;

import org.jspecify.annotations.NullMarked;
