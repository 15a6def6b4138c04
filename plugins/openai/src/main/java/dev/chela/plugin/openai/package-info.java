/// An agent engine for every endpoint that speaks the OpenAI chat completions API.
@NullMarked
package dev.chela.plugin.openai;

import org.jspecify.annotations.NullMarked;
