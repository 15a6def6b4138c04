/// Chat sessions, as plugins see them.
@NullMarked
package dev.chela.api.session;

import org.jspecify.annotations.NullMarked;
