using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Quitanda.Files.Files;
using Quitanda.Files.Formats;
using Quitanda.Files.Orphans;
using Quitanda.Files.Stores;
using Quitanda.Files.Uploads;
using Quitanda.Platform;

namespace Quitanda.Files;

/// <summary>Images and documents: taken in, proved, stored and given out.</summary>
public sealed class FilesModule : IModule
{
    /// <summary>Adds the module's services.</summary>
    public static void Add(IServiceCollection services) => services
        .AddSettings<FileSettings>("Files").AddSettings<S3Settings>("S3")
        .AddSingleton<IModule, FilesModule>()
        .AddSingleton<FileLinks>().AddSingleton<Intake>().AddSingleton(StoreOf)
        .AddScoped<IFiles, ShownFiles>().AddPersonalData<PersonsFiles>()
        .AddOutsideJob<DeleteObject.Message, bool, DeleteObject>(DeleteObject.Kind)
        .AddOutsideJob<SweepDay.Message, string[], SweepDay>(SweepDay.Kind)
        .Every<CollectOrphans>("files.collect-orphans", TimeSpan.FromHours(1));

    /// <inheritdoc/>
    public void Map(ModelBuilder model) => StoredFile.Map(model);

    /// <inheritdoc/>
    public void Map(IEndpointRouteBuilder routes)
    {
        var settings = routes.ServiceProvider.GetRequiredService<IOptions<FileSettings>>().Value;
        var files = routes.MapGroup("/files").WithTags("Files");
        files.MapPost("/", UploadFile.Handle).WithMetadata(new StreamedBody(settings.MaxBytes + UploadForm.BytesBesideFile, typeof(UploadFile.Form), "multipart/form-data"));
        files.MapPost("/presign", PresignUpload.Handle);
        files.MapPost("/{id:guid}/complete", CompleteUpload.Handle);
        files.MapGet("/{id:guid}", ShowFile.Handle);
        files.MapDelete("/{id:guid}", DeleteFile.Handle);
        files.MapPost("/{id:guid}/link", LinkFile.Handle);
        files.MapGet("/{id:guid}/content", ServeContent.Handle).ForAnyone();
        files.MapPut("/{id:guid}/upload", ReceiveUpload.Handle).ForAnyone().WithMetadata(new StreamedBody(settings.MaxBytes, form: null, [.. FileFormat.ContentTypes]));
    }

    private static IFileStore StoreOf(IServiceProvider services)
    {
        var files = services.GetRequiredService<IOptions<FileSettings>>().Value;
        var s3 = services.GetRequiredService<IOptions<S3Settings>>().Value;
        if (s3.Bucket.Length > 0)
            return new S3Store(s3, files, services.GetRequiredService<ILogger<S3Store>>());
        return new DiskStore(files.Folder, services.GetRequiredService<ILogger<DiskStore>>());
    }
}
