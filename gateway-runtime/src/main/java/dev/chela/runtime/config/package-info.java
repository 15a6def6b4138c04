/// Settings: read and checked.
@NullMarked
package dev.chela.runtime.config;

import org.jspecify.annotations.NullMarked;
