//! What RFC 6979 publishes in appendices A.2.5, A.2.6 and A.2.7: for each curve a key, and its signatures over `sample`.

use ksz_pki::{Curve, SignatureAlgorithm};

/// The key of one curve and what it signed.
pub(crate) struct Published {
    pub(crate) curve: Curve,
    /// The SubjectPublicKeyInfo around the published point, in hexadecimal.
    pub(crate) spki: &'static str,
    /// r and s over the six octets `sample`, in hexadecimal.
    pub(crate) sample: [(SignatureAlgorithm, &'static str); 3],
}

pub(crate) const PUBLISHED: [Published; 3] = [
    Published {
        curve: Curve::P256,
        spki: "3059301306072a8648ce3d020106082a8648ce3d0301070342000460fed4ba255a9d31c961eb74c6356d68c0\
               49b8923b61fa6ce669622e60f29fb67903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4\
               462299",
        sample: [
            (
                SignatureAlgorithm::EcdsaSha256,
                "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716f7cb1c942d657c41d436c7a1\
                 b6e29f65f3e900dbb9aff4064dc4ab2f843acda8",
            ),
            (
                SignatureAlgorithm::EcdsaSha384,
                "0eafea039b20e9b42309fb1d89e213057cbf973dc0cfc8f129edddc800ef77194861f0491e6998b9455193e3\
                 4e7b0d284ddd7149a74b95b9261f13abde940954",
            ),
            (
                SignatureAlgorithm::EcdsaSha512,
                "8496a60b5e9b47c825488827e0495b0e3fa109ec4568fd3f8d1097678eb97f002362ab1adbe2b8adf9cb9eda\
                 b740ea6049c028114f2460f96554f61fae3302fe",
            ),
        ],
    },
    Published {
        curve: Curve::P384,
        spki: "3076301006072a8648ce3d020106052b8104002203620004ec3a4e415b4e19a4568618029f427fa5da9a8bc4\
               ae92e02e06aae5286b300c64def8f0ea9055866064a254515480bc138015d9b72d7d57244ea8ef9ac0c62189\
               6708a59367f9dfb9f54ca84b3f1c9db1288b231c3ae0d4fe7344fd2533264720",
        sample: [
            (
                SignatureAlgorithm::EcdsaSha256,
                "21b13d1e013c7fa1392d03c5f99af8b30c570c6f98d4ea8e354b63a21d3daa33bde1e888e63355d92fa2b3c3\
                 6d8fb2cdf3aa443fb107745bf4bd77cb3891674632068a10ca67e3d45db2266fa7d1feebefdc63eccd1ac42e\
                 c0cb8668a4fa0ab0",
            ),
            (
                SignatureAlgorithm::EcdsaSha384,
                "94edbb92a5ecb8aad4736e56c691916b3f88140666ce9fa73d64c4ea95ad133c81a648152e44acf96e36dd1e\
                 80fabe4699ef4aeb15f178cea1fe40db2603138f130e740a19624526203b6351d0a3a94fa329c145786e679e\
                 7b82c71a38628ac8",
            ),
            (
                SignatureAlgorithm::EcdsaSha512,
                "ed0959d5880ab2d869ae7f6c2915c6d60f96507f9cb3e047c0046861da4a799cfe30f35cc900056d7c99cd78\
                 82433709512c8cceee3890a84058ce1e22dbc2198f42323ce8aca9135329f03c068e5112dc7cc3ef3446defc\
                 eb01a45c2667fdd5",
            ),
        ],
    },
    Published {
        curve: Curve::P521,
        spki: "30819b301006072a8648ce3d020106052b81040023038186000401894550d0785932e00eaa23b694f213f8c3\
               121f86dc97a04e5a7167db4e5bcd371123d46e45db6b5d5370a7f20fb633155d38ffa16d2bd761dcac474b9a\
               2f5023a400493101c962cd4d2fddf782285e64584139c2f91b47f87ff82354d6630f746a28a0db25741b5b34\
               a828008b22acc23f924faafbd4d33f81ea66956dfeaa2bfdfcf5",
        sample: [
            (
                SignatureAlgorithm::EcdsaSha256,
                "01511bb4d675114fe266fc4372b87682baecc01d3cc62cf2303c92b3526012659d16876e25c7c1e57648f23b\
                 73564d67f61c6f14d527d54972810421e7d87589e1a7004a171143a83163d6df460aaf61522695f207a58b95\
                 c0644d87e52aa1a347916e4f7a72930b1bc06dbe22ce3f58264afd23704cbb63b29b931f7de6c9d949a7ecfc",
            ),
            (
                SignatureAlgorithm::EcdsaSha384,
                "01ea842a0e17d2de4f92c15315c63ddf72685c18195c2bb95e572b9c5136ca4b4b576ad712a52be9730627d1\
                 6054ba40cc0b8d3ff035b12ae75168397f5d50c6745101f21a3cee066e1961025fb048bd5fe2b7924d0cd797\
                 babe0a83b66f1e35eeaf5fde143fa85dc394a7dee766523393784484bdf3e00114a1c857cde1aa203db65d61",
            ),
            (
                SignatureAlgorithm::EcdsaSha512,
                "00c328fafcbd79dd77850370c46325d987cb525569fb63c5d3bc53950e6d4c5f174e25a1ee9017b5d450606a\
                 dd152b534931d7d4e8455cc91f9b15bf05ec36e377fa00617cce7cf5064806c467f678d3b4080d6f1cc50af2\
                 6ca209417308281b68af282623eaa63e5b5c0723d8b8c37ff0777b1a20f8ccb1dccc43997f1ee0e44da4a67a",
            ),
        ],
    },
];

pub(crate) fn hex(digits: &str) -> Vec<u8> {
    (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap()).collect()
}
