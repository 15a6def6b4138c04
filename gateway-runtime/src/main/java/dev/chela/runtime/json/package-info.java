/// JSON and YAML, read and written.
@NullMarked
package dev.chela.runtime.json;

import org.jspecify.annotations.NullMarked;
