/// The zips as a user meets them: unpacked with `unzip`, started by their script.
@NullMarked
package dev.chela.distribution;

import org.jspecify.annotations.NullMarked;
