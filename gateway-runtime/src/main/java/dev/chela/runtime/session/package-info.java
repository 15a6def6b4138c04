/// Chat sessions and their transcripts.
@NullMarked
package dev.chela.runtime.session;

import org.jspecify.annotations.NullMarked;
