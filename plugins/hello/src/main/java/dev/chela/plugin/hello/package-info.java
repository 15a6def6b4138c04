/// The smallest useful plugin: one method, one route, one tool.
@NullMarked
package dev.chela.plugin.hello;

import org.jspecify.annotations.NullMarked;
