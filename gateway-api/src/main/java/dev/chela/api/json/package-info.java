/// JSON values, whatever library reads them.
@NullMarked
package dev.chela.api.json;

import org.jspecify.annotations.NullMarked;
