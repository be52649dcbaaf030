#include "NNFKernels.h"

#include <math.h>
#include <string.h>

float nnf_log2f(float x) {
    if (!(x >= 0.0f)) return NAN;
    if (x == 0.0f) return -INFINITY;
    if (x == INFINITY) return INFINITY;

    /* As a double, every positive float is normal: the exponent can be read off its bits. */
    const double value = x;
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    int exponent = (int)(bits >> 52) - 1023;
    bits = (bits & UINT64_C(0x000FFFFFFFFFFFFF)) | UINT64_C(0x3FF0000000000000);
    double mantissa;
    memcpy(&mantissa, &bits, sizeof mantissa);
    if (mantissa > 1.4142135623730951) {
        mantissa *= 0.5;
        exponent += 1;
    }

    /* ln m = 2 artanh s with s = (m - 1) / (m + 1), |s| <= 0.1716. Nine terms leave an error below 1e-14, a millionth
     * of half a unit of a float: whether the compiler fuses multiplications and additions does not show in the
     * rounded result. */
    const double s = (mantissa - 1.0) / (mantissa + 1.0);
    const double t = s * s;
    double series = 1.0 / 17.0;
    series = series * t + 1.0 / 15.0;
    series = series * t + 1.0 / 13.0;
    series = series * t + 1.0 / 11.0;
    series = series * t + 1.0 / 9.0;
    series = series * t + 1.0 / 7.0;
    series = series * t + 1.0 / 5.0;
    series = series * t + 1.0 / 3.0;
    series = series * t + 1.0;
    const double two_over_ln2 = 2.8853900817779268;
    return (float)((double)exponent + two_over_ln2 * s * series);
}

double nnf_exp(double x) {
    return exp(x);
}
