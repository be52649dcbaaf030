/* e^x of eight numbers at once. */
#ifndef NNF_EXPONENTIAL_H
#define NNF_EXPONENTIAL_H

#include "lanes.h"

/* x = e^x, to 2 units in the last place; below -87 it is e^-87, above 88 e^88. NaN stays NaN.
 *
 * x = n ln 2 + r with |r| <= ln 2 / 2; e^r is a Taylor polynomial of degree 7, whose remainder is below 6e-9. Adding
 * 1.5 * 2^23 rounds to the integer n and leaves it in the low bits, from where a shift takes it to the exponent. */
NNF_INLINE void nnf_exponential(nnf_octet *values) {
    const float rounding = 12582912.0f;
    nnf_octet x = *values;
    const nnf_octet_bits isLow = x < -87.0f, isHigh = x > 88.0f;
    nnf_octet low, high;
    NNF_BROADCAST(low, -87.0f);
    NNF_BROADCAST(high, 88.0f);
    x = (nnf_octet)(((nnf_octet_bits)x & ~isLow & ~isHigh) | ((nnf_octet_bits)low & isLow) |
                    ((nnf_octet_bits)high & isHigh));
    const nnf_octet shifted = x * 1.44269504f + rounding;
    const nnf_octet n = shifted - rounding;
    const nnf_octet r = (x - n * 0.693359375f) - n * -2.12194440e-4f;
    nnf_octet e = r * (1.0f / 5040.0f) + 1.0f / 720.0f;
    e = e * r + 1.0f / 120.0f;
    e = e * r + 1.0f / 24.0f;
    e = e * r + 1.0f / 6.0f;
    e = e * r + 0.5f;
    e = e * r + 1.0f;
    e = e * r + 1.0f;
    *values = (nnf_octet)((nnf_octet_bits)e + ((nnf_octet_bits)shifted << 23));
}

#endif
