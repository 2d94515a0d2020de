// SPDX-License-Identifier: Apache-2.0
package dev.mooring.tck;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A test that checks one rule. Whatever it throws is reported as a violation of that rule. */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@Test
@ExtendWith(RuleExtension.class)
@interface Verifies {

    /** The rule. */
    Rule value();

    /** What this one check needs beyond what its rule needs. */
    Claim needs() default Claim.NONE;
}
