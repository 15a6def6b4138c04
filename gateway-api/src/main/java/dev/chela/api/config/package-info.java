/// A plugin's own settings.
@NullMarked
package dev.chela.api.config;

import org.jspecify.annotations.NullMarked;
