//! Which instructions does this processor have? The only place that asks it.

use std::fmt;

/// A set of instructions that this processor has: whoever holds one may use them.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Level(pub(super) Kind);

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// What every processor of the target has.
    Scalar,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    /// AVX2 with products of bytes.
    #[cfg(target_arch = "x86_64")]
    AvxVnni,
    /// AVX-512 with products of bytes.
    #[cfg(target_arch = "x86_64")]
    Avx512,
    /// NEON with products of bytes.
    #[cfg(target_arch = "aarch64")]
    Neon,
}

impl Level {
    /// The best there is.
    pub fn best() -> Level {
        *Level::all().last().expect("every processor is scalar")
    }

    pub fn scalar() -> Level {
        Level(Kind::Scalar)
    }

    /// All that this processor has, slowest first.
    pub fn all() -> Vec<Level> {
        #[allow(unused_mut, reason = "some targets have nothing to add")]
        let mut all = vec![Level(Kind::Scalar)];
        #[cfg(target_arch = "x86_64")]
        if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") && is_x86_feature_detected!("f16c") {
            all.push(Level(Kind::Avx2));
            if is_x86_feature_detected!("avxvnni") {
                all.push(Level(Kind::AvxVnni));
            }
            let wide = is_x86_feature_detected!("avx512f")
                && is_x86_feature_detected!("avx512bw")
                && is_x86_feature_detected!("avx512dq")
                && is_x86_feature_detected!("avx512vl")
                && is_x86_feature_detected!("avx512vnni");
            if wide {
                all.push(Level(Kind::Avx512));
            }
        }
        #[cfg(target_arch = "aarch64")]
        if std::arch::is_aarch64_feature_detected!("dotprod") {
            all.push(Level(Kind::Neon));
        }
        all
    }

    pub fn name(self) -> &'static str {
        match self.0 {
            Kind::Scalar => "scalar",
            #[cfg(target_arch = "x86_64")]
            Kind::Avx2 => "avx2",
            #[cfg(target_arch = "x86_64")]
            Kind::AvxVnni => "avx-vnni",
            #[cfg(target_arch = "x86_64")]
            Kind::Avx512 => "avx512-vnni",
            #[cfg(target_arch = "aarch64")]
            Kind::Neon => "neon-dotprod",
        }
    }

    pub fn from_name(name: &str) -> Option<Level> {
        Level::all().into_iter().find(|level| level.name() == name)
    }
}

impl fmt::Debug for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// `kernel! { pub fn name(arguments); body }` makes a function that runs the generic `body::<L: Lanes>(arguments)` compiled
/// for the level it is given.
macro_rules! kernel {
    ($(#[$doc:meta])* $vis:vis fn $name:ident($($arg:ident: $type:ty),* $(,)?) $(-> $ret:ty)?; $body:ident) => {
        $(#[$doc])*
        #[allow(clippy::too_many_arguments, reason = "kernels take plain slices")]
        $vis fn $name(level: $crate::simd::Level, $($arg: $type),*) $(-> $ret)? {
            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx2,fma,f16c")]
            #[allow(clippy::too_many_arguments, reason = "kernels take plain slices")]
            fn avx512($($arg: $type),*) $(-> $ret)? {
                $body::<$crate::simd::lanes::Avx512>($($arg),*)
            }
            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx2,fma,f16c")]
            #[allow(clippy::too_many_arguments, reason = "kernels take plain slices")]
            fn avx2($($arg: $type),*) $(-> $ret)? {
                $body::<$crate::simd::lanes::Avx2>($($arg),*)
            }
            #[cfg(target_arch = "aarch64")]
            #[target_feature(enable = "neon")]
            #[allow(clippy::too_many_arguments, reason = "kernels take plain slices")]
            fn neon($($arg: $type),*) $(-> $ret)? {
                $body::<$crate::simd::lanes::Neon>($($arg),*)
            }
            match level.0 {
                $crate::simd::level::Kind::Scalar => $body::<$crate::simd::lanes::Plain>($($arg),*),
                // SAFETY: a level exists only where the processor was seen to have its instructions.
                #[cfg(target_arch = "x86_64")]
                $crate::simd::level::Kind::Avx512 => unsafe { avx512($($arg),*) },
                // SAFETY: as above; both levels have AVX2 and FMA.
                #[cfg(target_arch = "x86_64")]
                $crate::simd::level::Kind::Avx2 | $crate::simd::level::Kind::AvxVnni => unsafe { avx2($($arg),*) },
                // SAFETY: as above.
                #[cfg(target_arch = "aarch64")]
                $crate::simd::level::Kind::Neon => unsafe { neon($($arg),*) },
            }
        }
    };
}

pub(super) use kernel;
