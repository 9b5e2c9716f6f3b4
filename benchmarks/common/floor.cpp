// The common small model by hand: what the machine can do. Sixteen futures to a vector, one vector at a time through all 80 steps, so that
// the whole state (some 6 kB) stays in first-level cache; own exp, log, sine and cosine; one xoshiro128+ stream per future.
//
//   floor check                         the chance-off table after 1, 20 and 80 steps
//   floor time   FUTURES THREADS SEED   seconds for the run, then nothing kept
//   floor sample FUTURES SEED FILE      outcomes as raw float32, rows A, T, rung, ever, hazard

#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <thread>
#include <vector>

constexpr int W = 16, N = 8, STEPS = 80;
constexpr float DT = 0.25f;
typedef float V __attribute__((vector_size(64)));
typedef int32_t I __attribute__((vector_size(64)));
typedef uint32_t U __attribute__((vector_size(64)));
#define INLINE static inline __attribute__((always_inline))

INLINE V all(float x) { return x - V{}; }
INLINE V real(U x) { return __builtin_convertvector((I)x, V); }
INLINE V pick(I mask, V yes, V no) { return mask ? yes : no; }

INLINE V exp_(V x) {
    x = pick(x < -87.f, all(-87.f), pick(x > 87.f, all(87.f), x));
    V shifted = x * 1.44269504f + 12582912.f;  // adding 1.5 * 2^23 rounds to an integer kept in the low bits
    V k = shifted - 12582912.f;
    V f = (x - k * 0.693359375f) + k * 2.12194440e-4f;
    V p = 1.3981999e-3f * f + 8.3334519e-3f;
    p = p * f + 4.1665796e-2f;
    p = p * f + 1.6666666e-1f;
    p = p * f + 0.5f;
    p = (p * f + 1.f) * f + 1.f;
    return (V)((U)p + ((U)shifted << 23));
}

INLINE V sigmoid(V x) { return 1.f / (1.f + exp_(-x)); }

INLINE V log_(V x) {
    I b = (I)x - 0x3F3504F3;
    V f = (V)((b & 0x7FFFFF) + 0x3F3504F3) - 1.f;
    V p = -0.14581175f * f + 0.23404247f;
    p = p * f - 0.24887688f;
    p = p * f + 0.28709868f;
    p = p * f - 0.36023962f;
    p = p * f + 0.48092324f;
    p = p * f - 0.72135281f;
    p = p * f + 1.4426949f;
    return (__builtin_convertvector(b >> 23, V) + f * p) * 0.69314718f;
}

INLINE V sqrt_(V x) {
    V y;
    for (int i = 0; i < W; i++) y[i] = __builtin_sqrtf(x[i]);
    return y;
}

struct Stream {
    U a, b, c, d;
    INLINE U rotate(U x, int k) { return (x << k) | (x >> (32 - k)); }
    INLINE U scramble(U x) {
        x = (x ^ (x >> 16)) * 0x21F0AAADu;
        x = (x ^ (x >> 15)) * 0xD35A2D97u;
        return x ^ (x >> 15);
    }
    Stream(uint32_t seed, uint32_t first) {
        U lane;
        for (int i = 0; i < W; i++) lane[i] = first + i;
        a = scramble(scramble(lane) ^ scramble(U{} + seed));
        b = scramble(a + lane);
        c = scramble(b ^ 0x9E3779B9u);
        d = scramble(c + 0x85EBCA6Bu);
    }
    INLINE U next(Stream& s) {
        U out = s.a + s.d, t = s.b << 9;
        s.c ^= s.a;
        s.d ^= s.b;
        s.b ^= s.c;
        s.a ^= s.d;
        s.c ^= t;
        s.d = rotate(s.d, 11);
        return out;
    }
    INLINE V uniform(Stream& s) { return (real(next(s) >> 9) + 0.5f) * 0x1p-23f; }
    // Box and Muller: an angle within an eighth of a turn, then a random swap and half turn make it any angle.
    INLINE void normals(Stream& s, V& x, V& y) {
        U w = next(s);
        V radius = sqrt_(-2.f * log_((real(next(s) >> 1) + 0.5f) * 0x1p-31f));
        V t = real(w << 2) * (0.78539816f * 0x1p-31f), t2 = t * t;
        V sine = t * (((-1.9515296e-4f * t2 + 8.3321609e-3f) * t2 - 1.6666655e-1f) * t2 + 1.f);
        V cosine = ((2.4433157e-5f * t2 - 1.3887316e-3f) * t2 + 4.1666646e-2f) * t2 * t2 - 0.5f * t2 + 1.f;
        I swap = (I)(w << 1) < 0;
        x = radius * pick(swap, sine, cosine);
        y = radius * pick(swap, cosine, sine);
        x = (V)((U)x ^ (w & 0x80000000u));
        y = (V)((U)y ^ (w & 0x80000000u));
    }
};

struct Future {
    V k, m, g[N], v, lambda, cg, cr, sf, mux, muw, h0, beta, q, d, x[N], f[N][N], r, ever, hazard, logq;
};

INLINE bool cross(int i, int j) { return (i < 4) != (j < 4); }

INLINE V between(Stream& s, float lo, float hi) { return lo + (hi - lo) * Stream::uniform(s); }
INLINE V log_between(Stream& s, float lo, float hi) { return exp_(between(s, std::log(lo), std::log(hi))); }

static void begin(Future& z) {
    z.logq = log_(z.q);
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++) z.f[i][j] = cross(i, j) ? z.mux : z.muw;
    z.ever = z.hazard = V{};
}

static void draw(Future& z, Stream& s) {
    z.k = log_between(s, 0.02f, 0.06f);
    z.m = log_between(s, 0.25f, 0.5f);
    z.v = log_between(s, 0.02f, 0.1f);
    z.lambda = log_between(s, 0.1f, 0.5f);
    z.cg = between(s, 0, 4);
    z.cr = between(s, 0, 1);
    z.sf = log_between(s, 0.1f, 0.4f);
    z.mux = between(s, -0.5f, 1);
    z.muw = between(s, -3, -1);
    z.h0 = log_between(s, 0.1f, 0.6f);
    z.beta = between(s, 1, 5);
    z.q = between(s, 0.4f, 0.9f);
    z.d = log_between(s, 0.3f, 1.5f);
    for (int i = 0; i < N; i++) z.g[i] = between(s, 0.05f, 0.2f);
    for (int i = 0; i < N; i++) z.x[i] = between(s, std::log(0.5f), std::log(2.f));
    z.r = V{};
    begin(z);
}

INLINE V tension(const Future& z) {
    V sum = V{};
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++)
            if (cross(i, j)) sum += sigmoid(z.f[i][j]);
    return sum * (1.f / 32);
}

template <bool CHANCE> INLINE void step(Future& z, Stream& s) {
    V a[N], G[N], noise[N], sum = V{};
    for (int i = 0; i < N; i++) a[i] = exp_(z.x[i]), noise[i] = V{};
    if (CHANCE)
        for (int i = 0; i < N; i += 2) Stream::normals(s, noise[i], noise[i + 1]);
    for (int i = 0; i < N; i++) {
        V pull = V{};
        for (int j = 0; j < N; j++) {
            if (i == j) continue;
            V fear = sigmoid(z.f[i][j]);
            pull += fear * a[j];
            if (cross(i, j)) sum += fear;
        }
        G[i] = (z.k * pull + z.g[i]) / a[i] - z.m + z.v * noise[i] * 2.f;
    }
    V T = sum * (1.f / 32), mean_cross = z.mux + z.cr * z.r;
    V up = pick(z.r < 4.f, z.h0 * exp_(z.beta * (T - 0.5f) + z.r * z.logq), V{});
    V down = pick(z.r > 0.f, z.d, V{});
    V p = 1.f - exp_(-(up + down) * DT), p_up = p * up / (up + down);
    z.hazard += pick((z.r == 2.f) & (z.ever == 0.f), p_up, V{});
    V speed = DT * z.lambda, jitter = z.sf * 0.5f;
    V keep = 1.f - speed, level_cross = speed * mean_cross, level_within = speed * z.muw, gain = speed * z.cg;
    V odd[N];
    for (int i = 0; i < N; i++) odd[i] = gain * G[i];
    // Pairs i < j take the two halves of one draw of two normals.
    for (int i = 0; i < N; i++)
        for (int j = i + 1; j < N; j++) {
            V level = cross(i, j) ? level_cross : level_within, one = V{}, two = V{};
            if (CHANCE) Stream::normals(s, one, two);
            z.f[i][j] = keep * z.f[i][j] + level + odd[j] + jitter * one;
            z.f[j][i] = keep * z.f[j][i] + level + odd[i] + jitter * two;
        }
    for (int i = 0; i < N; i++) z.x[i] += DT * G[i];
    V u = CHANCE ? Stream::uniform(s) : all(1.f);
    z.r += pick(u < p_up, all(1.f), pick(u < p, all(-1.f), V{}));
    z.ever = pick(z.r >= 3.f, all(1.f), z.ever);
}

static void run(uint32_t seed, long from, long to, float* out, long total) {
    float unused = 0;
    for (long first = from; first < to; first += W) {
        Stream s(seed, (uint32_t)first);
        Future z;
        draw(z, s);
        for (int t = 0; t < STEPS; t++) step<true>(z, s);
        V T = tension(z), A = V{};
        for (int i = 0; i < N; i++) A += exp_(z.x[i]) * 0.125f;
        if (!out) {
            unused += A[0] + T[0] + z.hazard[0];
            continue;
        }
        const V* rows[5] = {&A, &T, &z.r, &z.ever, &z.hazard};
        for (int k = 0; k < 5; k++) memcpy(out + k * total + first, rows[k], sizeof(V));
    }
    if (unused == 1.2345f) printf("keep the work\n");
}

static void check() {
    Future z;
    Stream s(0, 0);
    float fixed[] = {0.04f, 0.3f, 0, 0.25f, 2, 0.5f, 0, 0.25f, -2, 0.25f, 3, 0.6f, 0.6f};
    V* to[] = {&z.k, &z.m, &z.v, &z.lambda, &z.cg, &z.cr, &z.sf, &z.mux, &z.muw, &z.h0, &z.beta, &z.q, &z.d};
    for (int i = 0; i < 13; i++) *to[i] = all(fixed[i]);
    for (int i = 0; i < N; i++) z.g[i] = all(0.06f + 0.02f * i), z.x[i] = all(std::log(0.5f + 0.2f * i));
    z.r = all(2.f);
    begin(z);
    for (int t = 1; t <= STEPS; t++) {
        step<false>(z, s);
        if (t == 1 || t == 20 || t == 80)
            printf("%d %.7f %.7f %.7f %.7f %.7f %.7f %.7f %.7f\n", t, std::exp(z.x[0][0]), std::exp(z.x[4][0]), std::exp(z.x[7][0]),
                   z.f[0][1][0], z.f[0][4][0], z.f[4][0][0], tension(z)[0], z.hazard[0]);
    }
}

static void spread(uint32_t seed, long futures, int threads, float* out) {
    std::vector<std::thread> pool;
    long share = futures / W / threads * W;
    for (int k = 0; k < threads; k++) pool.emplace_back(run, seed, k * share, k + 1 == threads ? futures : (k + 1) * share, out, futures);
    for (auto& thread : pool) thread.join();
}

int main(int argc, char** argv) {
    if (argc == 2 && !strcmp(argv[1], "check")) return check(), 0;
    if (argc != 5) return fprintf(stderr, "floor check | floor time FUTURES THREADS SEED | floor sample FUTURES SEED FILE\n"), 2;
    long futures = atol(argv[2]) / W * W;
    if (!strcmp(argv[1], "time")) {
        auto start = std::chrono::steady_clock::now();
        spread((uint32_t)atol(argv[4]), futures, atoi(argv[3]), nullptr);
        printf("%.6f\n", std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
        return 0;
    }
    std::vector<float> out(5 * futures);
    spread((uint32_t)atol(argv[3]), futures, 1, out.data());
    FILE* file = fopen(argv[4], "wb");
    if (!file) return perror(argv[4]), 1;
    fwrite(out.data(), sizeof(float), out.size(), file);
    return fclose(file), 0;
}
