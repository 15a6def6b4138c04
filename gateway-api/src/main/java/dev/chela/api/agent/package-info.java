/// Who answers in a run.
@NullMarked
package dev.chela.api.agent;

import org.jspecify.annotations.NullMarked;
