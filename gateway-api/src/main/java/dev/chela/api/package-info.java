/// What a plugin is.
@NullMarked
package dev.chela.api;

import org.jspecify.annotations.NullMarked;
