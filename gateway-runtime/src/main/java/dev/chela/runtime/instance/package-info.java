/// One gateway per state folder.
@NullMarked
package dev.chela.runtime.instance;

import org.jspecify.annotations.NullMarked;
