package dev.chela.api.json;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/// The smallest and largest value of a number, length of a string (in UTF-16 units) or count of items, both inclusive.
///
/// Without it a number is bounded by its type only, and strings and lists by the size of the frame. A required string
/// is then at least one character long.
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface Bounds {

    /// The smallest value.
    long min() default Long.MIN_VALUE;

    /// The largest value.
    long max() default Long.MAX_VALUE;
}
