/// Methods that clients call.
@NullMarked
package dev.chela.api.rpc;

import org.jspecify.annotations.NullMarked;
