//! What the page gives to copy as Rust, with the page's numbers; made by test/copied.mjs.

fn near(number: f64, expected: f64) {
    assert!(
        (number - expected).abs() <= 1e-13 * expected.abs(),
        "{number} is not {expected}"
    );
}

fn main() -> isomoment::Result<()> {
    {
        use isomoment::{Activation, LayerLaw};

        let law = LayerLaw::new(Activation::Relu, 64)?;
        let sigma = law.scale(1.0)?; // 0.17852802866437031
        near(sigma, 0.17852802866437031);
    }
    {
        use isomoment::{Activation, LayerLaw};

        let law = LayerLaw::new(Activation::Relu, 64)?;
        let gain = law.scale(1.0)? * 64.0_f64.sqrt(); // 1.4282242293149625
        near(gain, 1.4282242293149625);
    }
    {
        use isomoment::{Activation, LayerLaw};

        let law = LayerLaw::new(Activation::Relu, 64)?;
        let mu = law.log_growth(1.0)?; // -0.010196014777519571
        near(mu, -0.010196014777519571);
    }
    {
        use isomoment::{Activation, LayerLaw};

        let law = LayerLaw::new(Activation::Relu, 64)?;
        let v = law.log_cumulants().variance; // 0.020749337639111888
        near(v, 0.020749337639111888);
    }
    {
        use isomoment::{Activation, LayerLaw};

        let law = LayerLaw::new(Activation::Relu, 64)?;
        let dead = law.dead_probability(); // 5.421010862427522e-20
        near(dead, 5.421010862427522e-20);
    }
    {
        use isomoment::{Activation, LayerLaw};

        let law = LayerLaw::new(Activation::Linear, 1000)?;
        let sigma = law.scale(3.0 / 4.0)?; // 0.031632661085835644
        near(sigma, 0.031632661085835644);
    }
    {
        use isomoment::{Activation, LayerLaw};

        let law = LayerLaw::new(Activation::Linear, 1000)?;
        let gain = law.scale(3.0 / 4.0)? * 1000.0_f64.sqrt(); // 1.0003125748341568
        near(gain, 1.0003125748341568);
    }
    {
        use isomoment::{Activation, LayerLaw};

        let law = LayerLaw::new(Activation::Linear, 1000)?;
        let mu = law.log_growth(3.0 / 4.0)?; // -0.000187640673779142
        near(mu, -0.000187640673779142);
    }
    {
        use isomoment::{Activation, LayerLaw};

        let law = LayerLaw::new(Activation::Linear, 1000)?;
        let v = law.log_cumulants().variance; // 0.0005005003333330666
        near(v, 0.0005005003333330666);
    }
    {
        use isomoment::{Activation, LayerLaw};

        let law = LayerLaw::new(Activation::Linear, 1000)?;
        let dead = law.dead_probability(); // 0
        near(dead, 0.0);
    }
    {
        use isomoment::{Activation, Dropout, LayerLaw};

        let law = LayerLaw::with_dropout(
            Activation::LeakyRelu { slope: -0.2 },
            Dropout::inverted(0.9)?,
            16,
        )?;
        let sigma = law.scale(0.5)?; // 0.35055525972262214
        near(sigma, 0.35055525972262214);
    }
    {
        use isomoment::{Activation, Dropout, LayerLaw};

        let law = LayerLaw::with_dropout(
            Activation::LeakyRelu { slope: -0.2 },
            Dropout::inverted(0.9)?,
            16,
        )?;
        let gain = law.scale(0.5)? * 16.0_f64.sqrt(); // 1.4022210388904885
        near(gain, 1.4022210388904885);
    }
    {
        use isomoment::{Activation, Dropout, LayerLaw};

        let law = LayerLaw::with_dropout(
            Activation::LeakyRelu { slope: -0.2 },
            Dropout::inverted(0.9)?,
            16,
        )?;
        let mu = law.log_growth(0.5)?; // -0.02421761401139854
        near(mu, -0.02421761401139854);
    }
    {
        use isomoment::{Activation, Dropout, LayerLaw};

        let law = LayerLaw::with_dropout(
            Activation::LeakyRelu { slope: -0.2 },
            Dropout::inverted(0.9)?,
            16,
        )?;
        let v = law.log_cumulants().variance; // 0.10038728151538887
        near(v, 0.10038728151538887);
    }
    {
        use isomoment::{Activation, Dropout, LayerLaw};

        let law = LayerLaw::with_dropout(
            Activation::LeakyRelu { slope: -0.2 },
            Dropout::inverted(0.9)?,
            16,
        )?;
        let dead = law.dead_probability(); // 9.999999999999964e-17
        near(dead, 9.999999999999964e-17);
    }
    {
        use isomoment::{Activation, LayerLaw};

        let law = LayerLaw::new(
            Activation::RandomizedLeakyRelu {
                lower: 1.0 / 8.0,
                upper: 0.5,
            },
            64,
        )?
        .with_fan_in(784)?;
        let sigma = law.scale(2.0)? * (64.0_f64 / 784.0).sqrt(); // 0.04795322047409652
        near(sigma, 0.04795322047409652);
    }
    {
        use isomoment::{Activation, LayerLaw};

        let law = LayerLaw::new(
            Activation::RandomizedLeakyRelu {
                lower: 1.0 / 8.0,
                upper: 0.5,
            },
            64,
        )?
        .with_fan_in(784)?;
        let gain = law.scale(2.0)? * 64.0_f64.sqrt(); // 1.3426901732747025
        near(gain, 1.3426901732747025);
    }
    {
        use isomoment::{Activation, LayerLaw};

        let law = LayerLaw::new(
            Activation::RandomizedLeakyRelu {
                lower: 1.0 / 8.0,
                upper: 0.5,
            },
            64,
        )?
        .with_fan_in(784)?;
        let mu = law.log_growth(2.0)?; // -0.015612511988654033
        near(mu, -0.015612511988654033);
    }
    {
        use isomoment::{Activation, LayerLaw};

        let law = LayerLaw::new(
            Activation::RandomizedLeakyRelu {
                lower: 1.0 / 8.0,
                upper: 0.5,
            },
            64,
        )?
        .with_fan_in(784)?;
        let v = law.log_cumulants().variance; // 0.015938002760322915
        near(v, 0.015938002760322915);
    }
    {
        use isomoment::{Activation, LayerLaw};

        let law = LayerLaw::new(
            Activation::RandomizedLeakyRelu {
                lower: 1.0 / 8.0,
                upper: 0.5,
            },
            64,
        )?
        .with_fan_in(784)?;
        let dead = law.dead_probability(); // 0
        near(dead, 0.0);
    }
    {
        use isomoment::{Activation, Dropout, LayerLaw};

        let law = LayerLaw::with_dropout(Activation::Relu, Dropout::plain(0.5)?, 3)?;
        let sigma = law.lyapunov_scale()?; // 1.552010252077737
        near(sigma, 1.552010252077737);
    }
    {
        use isomoment::{Activation, Dropout, LayerLaw};

        let law = LayerLaw::with_dropout(Activation::Relu, Dropout::plain(0.5)?, 3)?;
        let gain = law.lyapunov_scale()? * 3.0_f64.sqrt(); // 2.688160610466421
        near(gain, 2.688160610466421);
    }
    {
        let mu = 0.0; // by the Lyapunov scale's definition
        near(mu, 0.0);
    }
    {
        use isomoment::{Activation, Dropout, LayerLaw};

        let law = LayerLaw::with_dropout(Activation::Relu, Dropout::plain(0.5)?, 3)?;
        let v = law.log_cumulants().variance; // 1.112236699242874
        near(v, 1.112236699242874);
    }
    {
        use isomoment::{Activation, Dropout, LayerLaw};

        let law = LayerLaw::with_dropout(Activation::Relu, Dropout::plain(0.5)?, 3)?;
        let dead = law.dead_probability(); // 0.421875
        near(dead, 0.421875);
    }
    {
        use isomoment::{Activation, LayerLaw, Weights};

        let law = LayerLaw::new(Activation::Relu, 64)?
            .with_weights(Weights::Orthogonal)
            .with_fan_in(100)?;
        let sigma = law.scale(1.0)? * (64.0_f64 / 100.0).sqrt(); // 1.4246581875790174
        near(sigma, 1.4246581875790174);
    }
    {
        use isomoment::{Activation, LayerLaw, Weights};

        let law = LayerLaw::new(Activation::Relu, 64)?
            .with_weights(Weights::Orthogonal)
            .with_fan_in(100)?;
        let gain = law.scale(1.0)? * (64.0_f64 / 100.0).sqrt(); // 1.4246581875790174
        near(gain, 1.4246581875790174);
    }
    {
        use isomoment::{Activation, LayerLaw, Weights};

        let law = LayerLaw::new(Activation::Relu, 64)?
            .with_weights(Weights::Orthogonal)
            .with_fan_in(100)?;
        let mu = law.log_growth(1.0)?; // -0.007679307115724457
        near(mu, -0.007679307115724457);
    }
    {
        use isomoment::{Activation, LayerLaw, Weights};

        let law = LayerLaw::new(Activation::Relu, 64)?
            .with_weights(Weights::Orthogonal)
            .with_fan_in(100)?;
        let v = law.log_cumulants().variance; // 0.015699004332437608
        near(v, 0.015699004332437608);
    }
    {
        use isomoment::{Activation, LayerLaw, Weights};

        let law = LayerLaw::new(Activation::Relu, 64)?
            .with_weights(Weights::Orthogonal)
            .with_fan_in(100)?;
        let dead = law.dead_probability(); // 5.421010862427522e-20
        near(dead, 5.421010862427522e-20);
    }
    {
        use isomoment::gain::{LevelLaw, Nonlinearity};

        let law = LevelLaw::new(Nonlinearity::Gelu, 64)?;
        let sigma = law.gain(1.0, 1.0)?.gain / 784.0_f64.sqrt(); // 0.05297571172616232
        near(sigma, 0.05297571172616232);
    }
    {
        use isomoment::gain::{LevelLaw, Nonlinearity};

        let law = LevelLaw::new(Nonlinearity::Gelu, 64)?;
        let gain = law.gain(1.0, 1.0)?.gain; // 1.483319928332545
        near(gain, 1.483319928332545);
    }
    {
        use isomoment::gain::{LevelLaw, Nonlinearity};

        let law = LevelLaw::new(Nonlinearity::Gelu, 64)?;
        let stability = law.gain(1.0, 1.0)?.stability; // 1.084535183714775
        near(stability, 1.084535183714775);
    }
    {
        use isomoment::gain::{LevelLaw, Nonlinearity};

        let law = LevelLaw::new(Nonlinearity::Elu { alpha: 1.0 / 2.0 }, 16)?;
        let sigma = law.gain(2.0, 2.0)?.gain / 16.0_f64.sqrt(); // 0.3500933223854663
        near(sigma, 0.3500933223854663);
    }
    {
        use isomoment::gain::{LevelLaw, Nonlinearity};

        let law = LevelLaw::new(Nonlinearity::Elu { alpha: 1.0 / 2.0 }, 16)?;
        let gain = law.gain(2.0, 2.0)?.gain; // 1.4003732895418652
        near(gain, 1.4003732895418652);
    }
    {
        use isomoment::gain::{LevelLaw, Nonlinearity};

        let law = LevelLaw::new(Nonlinearity::Elu { alpha: 1.0 / 2.0 }, 16)?;
        let stability = law.gain(2.0, 2.0)?.stability; // 0.9851936977308746
        near(stability, 0.9851936977308746);
    }
    {
        use isomoment::gain::{LevelLaw, Nonlinearity};

        let law = LevelLaw::new(Nonlinearity::Tanh, 64)?;
        let sigma = law.gain(0.5, 0.3)?.gain / 64.0_f64.sqrt(); // 0.13774433049731177
        near(sigma, 0.13774433049731177);
    }
    {
        use isomoment::gain::{LevelLaw, Nonlinearity};

        let law = LevelLaw::new(Nonlinearity::Tanh, 64)?;
        let gain = law.gain(0.5, 0.3)?.gain; // 1.1019546439784942
        near(gain, 1.1019546439784942);
    }
    {
        use isomoment::gain::{LevelLaw, Nonlinearity};

        let law = LevelLaw::new(Nonlinearity::Tanh, 64)?;
        let stability = law.gain(0.5, 0.3)?.stability; // 0.8418919028101205
        near(stability, 0.8418919028101205);
    }
    {
        use isomoment::gain::{LevelLaw, Nonlinearity};

        let law = LevelLaw::new(Nonlinearity::Silu, 64)?;
        let sigma = law.gain(1.0, 1.0)?.gain / 64.0_f64.sqrt(); // 0.19693283307559883
        near(sigma, 0.19693283307559883);
    }
    {
        use isomoment::gain::{LevelLaw, Nonlinearity};

        let law = LevelLaw::new(Nonlinearity::Silu, 64)?;
        let gain = law.gain(1.0, 1.0)?.gain; // 1.5754626646047907
        near(gain, 1.5754626646047907);
    }
    {
        use isomoment::gain::{LevelLaw, Nonlinearity};

        let law = LevelLaw::new(Nonlinearity::Silu, 64)?;
        let stability = law.gain(1.0, 1.0)?.stability; // 1.147085878248899
        near(stability, 1.147085878248899);
    }
    {
        use isomoment::gain::{LevelLaw, Nonlinearity};

        let law = LevelLaw::new(Nonlinearity::Selu, 64)?;
        let sigma = law.gain(1.0, 1.0)?.gain / 64.0_f64.sqrt(); // 0.12546753152492887
        near(sigma, 0.12546753152492887);
    }
    {
        use isomoment::gain::{LevelLaw, Nonlinearity};

        let law = LevelLaw::new(Nonlinearity::Selu, 64)?;
        let gain = law.gain(1.0, 1.0)?.gain; // 1.003740252199431
        near(gain, 1.003740252199431);
    }
    {
        use isomoment::gain::{LevelLaw, Nonlinearity};

        let law = LevelLaw::new(Nonlinearity::Selu, 64)?;
        let stability = law.gain(1.0, 1.0)?.stability; // 0.781365005491771
        near(stability, 0.781365005491771);
    }
    {
        use isomoment::gain::{LevelLaw, Nonlinearity};

        let law = LevelLaw::new(Nonlinearity::Mish, 64)?;
        let sigma = law.gain(1.0, 1.0)?.gain / 64.0_f64.sqrt(); // 0.18325619413084915
        near(sigma, 0.18325619413084915);
    }
    {
        use isomoment::gain::{LevelLaw, Nonlinearity};

        let law = LevelLaw::new(Nonlinearity::Mish, 64)?;
        let gain = law.gain(1.0, 1.0)?.gain; // 1.4660495530467932
        near(gain, 1.4660495530467932);
    }
    {
        use isomoment::gain::{LevelLaw, Nonlinearity};

        let law = LevelLaw::new(Nonlinearity::Mish, 64)?;
        let stability = law.gain(1.0, 1.0)?.stability; // 1.0513899701562208
        near(stability, 1.0513899701562208);
    }
    {
        use isomoment::gain::{LevelLaw, Nonlinearity};

        let law = LevelLaw::new(Nonlinearity::Softplus, 64)?;
        let sigma = law.gain(1.0, 1.0)?.gain / 64.0_f64.sqrt(); // 0.13636946900453387
        near(sigma, 0.13636946900453387);
    }
    {
        use isomoment::gain::{LevelLaw, Nonlinearity};

        let law = LevelLaw::new(Nonlinearity::Softplus, 64)?;
        let gain = law.gain(1.0, 1.0)?.gain; // 1.090955752036271
        near(gain, 1.090955752036271);
    }
    {
        use isomoment::gain::{LevelLaw, Nonlinearity};

        let law = LevelLaw::new(Nonlinearity::Softplus, 64)?;
        let stability = law.gain(1.0, 1.0)?.stability; // 0.5337749339052211
        near(stability, 0.5337749339052211);
    }
    {
        use isomoment::gain::{LevelLaw, Nonlinearity};

        let law = LevelLaw::new(Nonlinearity::Sigmoid, 64)?;
        let sigma = law.gain(1.0, 0.6)?.gain / 64.0_f64.sqrt(); // 0.47893116760128623
        near(sigma, 0.47893116760128623);
    }
    {
        use isomoment::gain::{LevelLaw, Nonlinearity};

        let law = LevelLaw::new(Nonlinearity::Sigmoid, 64)?;
        let gain = law.gain(1.0, 0.6)?.gain; // 3.83144934081029
        near(gain, 3.83144934081029);
    }
    {
        use isomoment::gain::{LevelLaw, Nonlinearity};

        let law = LevelLaw::new(Nonlinearity::Sigmoid, 64)?;
        let stability = law.gain(1.0, 0.6)?.stability; // 0.12585920032203096
        near(stability, 0.12585920032203096);
    }
    println!("54 texts give the page's numbers");
    Ok(())
}
